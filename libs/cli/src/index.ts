// The face of @writ/cli for tests and tools of this repository: bringing a plane up. The `writ` command is bin/writ.js.
export { bringUp, type RunningPlane } from './plane/up.js';
