// `writ gate`: the commands of `writ boundary` under the other name, since the kind in the document decides.
export { registerGate } from './boundary.js';
