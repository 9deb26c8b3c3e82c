"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { LoadProgress, SkinAnalyzer } from "shine-skin";

export interface Loading {
  /** Bytes so far, and in all. */
  loaded: number;
  total: number;
}

/** Nothing of the package is loaded on the server. */
async function create(onLoading: (loading: Loading | null) => void) {
  const files = new Map<string, Loading>();
  const onProgress = (step: LoadProgress) => {
    if (step.status === "ready") return onLoading(null);
    const loaded = step.status === "progress" ? step.loaded : step.status === "done" ? step.total : 0;
    files.set(step.file, { loaded, total: step.total });
    const all = [...files.values()];
    const sum = (key: keyof Loading) => all.reduce((total, file) => total + file[key], 0);
    onLoading({ loaded: sum("loaded"), total: sum("total") });
  };
  const { SkinAnalyzer } = await import("shine-skin");
  return SkinAnalyzer.createFromOptions({ modelBaseUrl: process.env.NEXT_PUBLIC_SKIN_MODELS, worker: true, onProgress });
}

/** One analyzer for as long as a component is shown; one that could not be made is made again when it is next asked for. */
export function useAnalyzer() {
  const made = useRef<Promise<SkinAnalyzer> | null>(null);
  const [loading, setLoading] = useState<Loading | null>(null);

  const analyzer = useCallback(() => {
    if (made.current) return made.current;
    const mine = create(setLoading);
    made.current = mine;
    mine.catch(() => {
      if (made.current === mine) made.current = null;
    });
    return mine;
  }, []);

  useEffect(() => {
    // It begins before there is a photo; who asks for it is told of a failure.
    analyzer();
    return () => {
      made.current?.then((it) => it.close()).catch(() => {});
      made.current = null;
    };
  }, [analyzer]);

  return { analyzer, loading };
}
