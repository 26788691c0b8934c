// The face of the kill switch service.
export { startKillSwitch } from './kill-switch.js';
