import webpack from "webpack";

const config = {
  mode: "production",
  target: ["web", "es2022"],
  context: import.meta.dirname,
  entry: { main: "./main.mjs", slim: "./slim.mjs", analysis: "./analysis.mjs" },
  performance: { hints: false }, // webpack warns of everything above 244 KiB
  output: { path: `${import.meta.dirname}/dist`, filename: "[name].cjs" },
};
webpack(config, (error, built) => {
  if (error) throw error;
  if (built.hasErrors() || built.hasWarnings()) throw new Error(built.toString());
});
