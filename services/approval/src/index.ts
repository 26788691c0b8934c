// The face of the approval service.
export { startApproval } from './approval.js';
