// What the projects ask of the analysis, from wherever they have it: the table of a ready policy, and two claims about another.
export function analyzed({ matrixMarkdown, proveJson }) {
  const proof = proveJson({ preset: "inveterate" }, { claims: ["admin never owner", "always owner"] });
  return `${matrixMarkdown({ preset: "starter" })}\n${proof}`;
}
