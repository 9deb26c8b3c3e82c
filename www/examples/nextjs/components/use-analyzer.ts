"use client";

import { useEffect, useRef, useState } from "react";
import type { LoadProgress, SkinAnalyzer } from "shine-skin";

export interface Loading {
  /** Bytes so far, and in all. */
  loaded: number;
  total: number;
}

/** One analyzer for as long as a component is shown. Nothing of the package is loaded on the server. */
export function useAnalyzer() {
  const made = useRef<Promise<SkinAnalyzer> | null>(null);
  const [loading, setLoading] = useState<Loading | null>(null);

  useEffect(() => {
    const files = new Map<string, Loading>();
    const onProgress = (step: LoadProgress) => {
      if (step.status === "ready") return setLoading(null);
      const loaded = step.status === "progress" ? step.loaded : step.status === "done" ? step.total : 0;
      files.set(step.file, { loaded, total: step.total });
      const all = [...files.values()];
      const sum = (key: keyof Loading) => all.reduce((total, file) => total + file[key], 0);
      setLoading({ loaded: sum("loaded"), total: sum("total") });
    };
    const analyzer = import("shine-skin").then(({ SkinAnalyzer }) =>
      SkinAnalyzer.createFromOptions({ modelBaseUrl: process.env.NEXT_PUBLIC_SKIN_MODELS, worker: true, onProgress }),
    );
    // Who asks for it is told of a failure.
    analyzer.catch(() => {});
    made.current = analyzer;
    return () => {
      made.current = null;
      analyzer.then((it) => it.close()).catch(() => {});
    };
  }, []);

  const analyzer = () => made.current ?? Promise.reject(new Error("The page is gone."));
  return { analyzer, loading };
}
