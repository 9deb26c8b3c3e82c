import { SkinCheck } from "../components/skin-check";

export default function Page() {
  return (
    <main>
      <h1>Skin, measured on your device</h1>
      <p>The photo stays here: it is not uploaded. Not a medical device.</p>
      <SkinCheck />
    </main>
  );
}
