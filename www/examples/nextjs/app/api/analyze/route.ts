// On Node: POST a photo, get the report.

import { ShineSkinError, SkinAnalyzer } from "shine-skin";

const analyzer = () => SkinAnalyzer.createFromOptions({ modelBaseUrl: process.env.NEXT_PUBLIC_SKIN_MODELS });
let made: ReturnType<typeof analyzer> | undefined;

export async function POST(request: Request) {
  try {
    made ??= analyzer();
    return Response.json(await (await made).analyze(await request.arrayBuffer()));
  } catch (fault) {
    const { code, message } = fault as ShineSkinError;
    return Response.json({ error: { code, message } }, { status: 422 });
  }
}
