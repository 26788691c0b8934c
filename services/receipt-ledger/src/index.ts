// The face of the receipt ledger service.
export { startReceiptLedger } from './receipt-ledger.js';
