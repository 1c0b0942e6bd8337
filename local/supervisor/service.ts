/** A long-running program of the local stack, as its supervisor is told of it. */
export interface Service {
  /** Lower-case letters, digits and dashes; names the folder of its logs. */
  readonly name: string;
  /** Absolute path of the program, then its arguments. */
  readonly command: readonly string[];
  /** The whole environment of the program; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /**
   * Seconds between SIGTERM and SIGKILL when it is stopped.
   * @default 5
   */
  readonly graceSeconds?: number;
}

export interface ServiceStatus {
  readonly name: string;
  readonly up: boolean;
  /** Process id while it is up. */
  readonly pid?: number;
  readonly upSeconds: number;
}

/** Keeps services running: starts them, restarts what dies, keeps one log folder each, outlives the terminal. */
export interface ServiceManager {
  /** Idempotent; a changed definition restarts the service. Resolves once the program was started, not once it is ready. */
  declare(service: Service): Promise<void>;
  /** Stops and forgets; resolves once the process is gone. An unknown name is not an error. */
  remove(name: string): Promise<void>;
  restart(name: string): Promise<void>;
  status(): Promise<ServiceStatus[]>;
  /** File with the newest log lines of a service. */
  logFile(name: string): string;
}
