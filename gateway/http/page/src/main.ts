import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLanguage } from './i18n'
import { startTheme } from './theme'
import './style.css'

startLanguage()
startTheme()
createApp(App).use(i18n).mount('#app')
