/** A module of WebAssembly, compiled: what a worker's own build makes of the file. */
declare const module: WebAssembly.Module;
export default module;
