// Owns the interface behind which tests get real servers. It never promises more than both backends can do.

/** `config` is nats-server configuration text (users, permissions, limits); JetStream with sync always comes by itself. */
export type TestNatsOptions = { readonly config?: string };

/** A real nats-server of one test. The address outlives crashes and restarts. */
export interface TestNats {
  readonly url: string;
  readonly port: number;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again with the same store, after `kill` or while it runs. */
  restart(): Promise<void>;
  /** Hangs it without closing connections. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Replaces the configuration text and reloads it without dropping connections. */
  reload(config: string): Promise<void>;
  /** Stops it; its files are gone. */
  stop(): Promise<void>;
}

/** A real PostgreSQL of one test. `url` is the superuser's; `createDatabase` gives each test a database of its own. */
export interface TestPostgres {
  readonly url: string;
  createDatabase(name: string): Promise<string>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it; its files are gone. */
  stop(): Promise<void>;
}

/** A real three-node cluster of one test; nodes by index. */
export interface TestCluster {
  readonly urls: readonly string[];
  readonly size: number;
  kill(node: number): Promise<void>;
  restart(node: number): Promise<void>;
  pause(node: number): Promise<void>;
  resume(node: number): void;
  /** Resolves when there is a living leader and every living node follows it. */
  ready(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Where the servers come from. */
export interface TestBackend {
  readonly name: 'embedded' | 'containers';
  startNats(options?: TestNatsOptions): Promise<TestNats>;
  startPostgres(): Promise<TestPostgres>;
}
