import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The program serves what is built here, at /graphql to browsers and its assets below /web/.
export default defineConfig({
  base: "/web/",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../platform/mnemos/web",
    emptyOutDir: true,
    // Monaco is large, and loaded once.
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      onwarn(warning, warn) {
        // GraphiQL's directives speak to React's compiler, which has run over it already.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  server: {
    proxy: { "/graphql": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
