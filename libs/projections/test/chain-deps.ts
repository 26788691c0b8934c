// What the test ledger needs of the pure rules and the hash chain.
export { link } from '@writ/crypto';
export { type Chain, emptyChain, extend, isUnversionedType, nextPlace } from '@writ/domain';
