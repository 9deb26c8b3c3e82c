// On the edge runtime: POST a photo, get the report.

export { analyze as POST } from "../../../lib/analyze";

export const runtime = "edge";
