// The parts of Element Plus that the desks use, each with its own styles, and ours over them.
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-button.css'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-input-number.css'
import 'element-plus/theme-chalk/el-progress.css'
import 'element-plus/theme-chalk/el-popper.css'
import 'element-plus/theme-chalk/el-scrollbar.css'
import 'element-plus/theme-chalk/el-tag.css'
import 'element-plus/theme-chalk/el-select.css'
import 'element-plus/theme-chalk/el-option.css'
import '../styles/desks.css'
import '../styles/agent.css'
import '../styles/floor.css'

export {
  ElButton,
  ElConfigProvider,
  ElDialog,
  ElInput,
  ElInputNumber,
  ElOption,
  ElProgress,
  ElSelect,
} from 'element-plus'
