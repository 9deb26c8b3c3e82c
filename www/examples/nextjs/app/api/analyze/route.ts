// On Node: POST a photo, get the report.

export { analyze as POST } from "../../../lib/analyze";
