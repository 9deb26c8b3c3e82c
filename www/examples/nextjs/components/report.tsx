import type { SkinReport } from "shine-skin";

/** What was measured, and why something was not. */
export function Report({ report }: { report: SkinReport }) {
  const face = report.faces[0];
  return (
    <>
      {report.fallbacks.map(({ engine, code, message }) => (
        <p key={engine} className="note">
          Measured by the {report.engine} engine: {message} ({code})
        </p>
      ))}
      {report.quality.issues.length > 0 && <p className="note">The photo: {report.quality.issues.join(", ")}</p>}
      {face && (
        <table>
          <thead>
            <tr>
              <th>Measure</th>
              <th>Score</th>
              <th>Measured</th>
              <th>Confidence</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(face.concerns).map(([id, concern]) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>{concern.score === null ? "–" : Math.round(concern.score)}</td>
                <td>{concern.measure ? `${Number(concern.measure.value.toPrecision(3))} ${concern.measure.unit}` : `not measured: ${concern.reason}`}</td>
                <td>{concern.confidence === null ? "–" : `${Math.round(concern.confidence * 100)}%`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>{report.disclaimer}</p>
      <details>
        <summary>The report as JSON</summary>
        <pre id="report">{JSON.stringify(report, null, 1)}</pre>
      </details>
    </>
  );
}
