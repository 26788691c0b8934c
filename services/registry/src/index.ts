// The face of the registry service.
export { startRegistry } from './registry.js';
