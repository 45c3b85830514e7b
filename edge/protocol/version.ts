/** Version of the contract between edge, worker and peers. Peers of another version are not introduced. */
export const PROTOCOL_VERSION = 5;
