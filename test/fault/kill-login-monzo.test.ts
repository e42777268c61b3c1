import { killsLoginsOf } from './kill-login.ts'

killsLoginsOf('monzo')
