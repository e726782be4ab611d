import { createApp } from 'vue'
import Root from './Root.vue'
import { i18n, startLanguage } from './i18n'
import { startTheme } from './theme'
import './styles/base.css'
import './styles/queues.css'
import './styles/side.css'
import './styles/panel.css'
import './styles/screens.css'

startLanguage()
startTheme()
createApp(Root).use(i18n).mount('#app')
