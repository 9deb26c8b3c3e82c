"use client";

import { useRef, useState } from "react";
import type { ImageSource, SkinReport } from "shine-skin";
import { Camera } from "./camera";
import { Report } from "./report";
import { useAnalyzer } from "./use-analyzer";

type State =
  | { at: "start" }
  | { at: "camera" }
  | { at: "working" }
  | { at: "done"; report: SkinReport }
  | { at: "failed"; code: string; message: string };

export function SkinCheck() {
  const { analyzer, loading } = useAnalyzer();
  const [state, setState] = useState<State>({ at: "start" });
  // An answer to an earlier photo comes too late.
  const current = useRef(0);

  const failed = (fault: unknown) => {
    const { code = "internal", message = "Something went wrong." } = fault as { code?: string; message?: string };
    setState({ at: "failed", code, message });
  };

  const measure = async (photo: ImageSource) => {
    const mine = ++current.current;
    setState({ at: "working" });
    try {
      const report = await (await analyzer()).analyze(photo);
      if (mine === current.current) setState({ at: "done", report });
    } catch (fault) {
      if (mine === current.current) failed(fault);
    } finally {
      if (photo instanceof ImageBitmap) photo.close();
    }
  };

  const toggleCamera = () => {
    current.current++;
    setState({ at: state.at === "camera" ? "start" : "camera" });
  };

  const busy = state.at === "working" || state.at === "camera";

  return (
    <section data-state={state.at}>
      <div className="sources">
        <label className="button">
          Choose a photo
          <input
            type="file"
            accept="image/*"
            className="unseen"
            onChange={({ target }) => {
              if (target.files?.[0]) measure(target.files[0]);
              // The same file can be chosen again.
              target.value = "";
            }}
          />
        </label>
        <button type="button" className="button" onClick={toggleCamera}>
          {state.at === "camera" ? "Close the camera" : "Use the camera"}
        </button>
      </div>
      {state.at === "camera" && <Camera analyzer={analyzer} onPhoto={measure} onError={failed} />}
      <p role="status">
        {busy && loading && `Fetching the models, once: ${Math.round((100 * loading.loaded) / loading.total)}%`}
        {state.at === "working" && !loading && "Analysing"}
      </p>
      {state.at === "failed" && (
        <p role="alert" className="note" data-code={state.code}>
          {state.message}
        </p>
      )}
      {state.at === "done" && <Report report={state.report} />}
    </section>
  );
}
