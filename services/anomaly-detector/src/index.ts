// The face of the anomaly detector service.
export { startAnomalyDetector } from './anomaly-detector.js';
