import type { NextConfig } from "next";

const config: NextConfig = {
  // For route handlers that run on Node alone: the package reads its WebAssembly from beside itself.
  serverExternalPackages: ["shine-skin"],
};

export default config;
