// Writes docs/reference.md from the package's types: node www/reference.js

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const FILES = ["index.d.ts", "report.d.ts", "camera.d.ts"];

/** What stands before a declaration, as one paragraph. */
function said(node) {
  const [doc] = (node.jsDoc ?? []).slice(-1);
  const text = typeof doc?.comment === "string" ? doc.comment : ts.getTextOfJSDocComment(doc?.comment) ?? "";
  return text.replace(/```[\s\S]*?```/g, "").replace(/\s+/g, " ").trim();
}

/** A type on one line, for a cell of a table. */
const cell = (text) => `\`${text.replace(/\s*\n\s*\|?\s*/g, " | ").replace(/^\s*\|\s*/, "").replace(/\s+/g, " ")}\``.replaceAll("|", "\\|");

/** One row a member. */
function members(list, source) {
  const rows = list.flatMap((member) => {
    const name = member.name?.getText(source);
    // Nobody outside calls a private constructor.
    if (!name) return [];
    const optional = member.questionToken ? "?" : "";
    const call = member.parameters ? `(${member.parameters.map((one) => one.getText(source)).join(", ")})` : "";
    return [`| \`${name}${optional}\` | ${cell(call ? `${call} => ${member.type?.getText(source) ?? "void"}` : member.type?.getText(source) ?? "")} | ${said(member).replaceAll("|", "\\|")} |`];
  });
  return rows.length ? ["", "| | | |", "|---|---|---|", ...rows] : [];
}

function declared(node, source) {
  const name = node.name?.getText(source);
  const exported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!name || !exported) return [];
  const head = [`### ${name}`, "", said(node)];
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) return [...head, ...members(node.members, source), ""];
  if (ts.isTypeAliasDeclaration(node)) return [...head, "", cell(node.type.getText(source)).replaceAll("\\|", "|"), ""];
  if (ts.isFunctionDeclaration(node)) {
    const parameters = node.parameters.map((one) => one.getText(source)).join(", ");
    return [...head, "", `\`(${parameters}) => ${node.type.getText(source)}\``, ""];
  }
  return [];
}

/** The whole page. */
export function reference() {
  const parts = ["# Reference", "", "Of the npm package, made from its types by `node www/reference.js`.", ""];
  for (const file of FILES) {
    const source = ts.createSourceFile(file, readFileSync(`${HERE}package/${file}`, "utf8"), ts.ScriptTarget.Latest, true);
    const title = { "index.d.ts": "`shine-skin`", "report.d.ts": "What is found", "camera.d.ts": "`shine-skin/camera`" }[file];
    parts.push(`## ${title}`, "", ...source.statements.flatMap((node) => declared(node, source)));
  }
  return `${parts.join("\n").replace(/\n{3,}/g, "\n\n").trim()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(`${HERE}../docs/reference.md`, reference());
