// For pm2: one process per port, never its cluster mode, in which the processes would share a port and a reconnection
// would reach the wrong one. `kill_timeout` leaves the server its SHUTDOWN_GRACE_SECONDS to save and to tell its clients.
export const apps = [
  {
    name: "campaign-live-sessions",
    script: "src/index.ts",
    interpreter: "node_modules/.bin/node",
    exec_mode: "fork",
    instances: 1,
    kill_timeout: 30_000,
    env: { NODE_ENV: "production" },
  },
];
