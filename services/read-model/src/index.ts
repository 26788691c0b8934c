// The face of the read-model service.
export type { Access } from './api/access.js';
export { type Api, createApi } from './api/api.js';
export { apiToken, databaseCredentials, readCredentials, secretFiles } from './credentials.js';
export { startReadModel } from './read-model.js';
export { type ReadModel, type ReadModelParts, runReadModel } from './run.js';
