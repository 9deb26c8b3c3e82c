"use client";

import { useEffect, useRef, useState } from "react";
import type { SkinAnalyzer } from "shine-skin";
import type { Guidance } from "shine-skin/camera";

const SAYS: Record<Guidance, string> = {
  "no-face": "Look into the camera",
  "several-faces": "One person at a time, please",
  "come-closer": "Come closer",
  "move-back": "Move back a little",
  "more-light": "More light, please",
  "less-light": "Less light, please",
  "more-light-from-left": "More light from your left",
  "more-light-from-right": "More light from your right",
  "look-straight": "Look straight ahead",
  "hold-still": "Hold still",
  focus: "Wait for the camera to focus",
  ready: "Stay like this",
};

interface Props {
  analyzer: () => Promise<SkinAnalyzer>;
  onPhoto: (photo: ImageBitmap) => void;
  onError: (fault: unknown) => void;
}

/** The camera with advice; takes the photo by itself once nothing speaks against it. */
export function Camera({ analyzer, onPhoto, onError }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [guidance, setGuidance] = useState<Guidance | null>(null);
  const told = useRef({ onPhoto, onError });
  told.current = { onPhoto, onError };

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const begin = async () => {
      const { openCamera, guide } = await import("shine-skin/camera");
      const element = video.current;
      if (!element) return;
      const close = await openCamera(element, { signal });
      try {
        const photo = await guide(await analyzer(), element, { signal, onGuidance: ({ advice }) => setGuidance(advice) });
        told.current.onPhoto(photo);
      } finally {
        close();
      }
    };
    begin().catch((fault) => signal.aborted || told.current.onError(fault));
    return () => controller.abort();
    // One camera for as long as this is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return (
    <figure>
      <video ref={video} playsInline muted />
      <figcaption aria-live="polite">{guidance ? SAYS[guidance] : "Starting"}</figcaption>
    </figure>
  );
}
