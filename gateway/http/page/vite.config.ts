import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  // vue-i18n without its old API and devtools; messages are read without eval, as the policy asks.
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  build: {
    target: 'es2020',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        // The charts change with their version only, and the board is up before they are.
        manualChunks: (id) =>
          /node_modules\/(echarts|zrender|tslib)\//.test(id) ? 'charts' : undefined,
      },
    },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:5580' },
    // A test reads the engine's words where the engine writes them.
    fs: { allow: ['../../..'] },
  },
  test: { include: ['src/**/*.test.ts'] },
})
