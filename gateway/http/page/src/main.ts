import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLanguage } from './i18n'
import { startTheme } from './theme'
import './styles/base.css'
import './styles/queues.css'
import './styles/side.css'
import './styles/panel.css'
import './styles/screens.css'

startLanguage()
startTheme()
createApp(App).use(i18n).mount('#app')
