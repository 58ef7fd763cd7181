// For pm2: one process per port, never its cluster mode, in which processes share a port and nobody could ask one of them.
//
//   set -a; . /etc/campaign-live-sessions.env; set +a
//   pm2 start ecosystem.config.js                            PROCESSES of them, on PORT and the ports behind it
//   pm2 reload campaign-live-sessions --parallel 1           one after the other: stopped, started, ready, then the next
//
// Several need MONGODB_URI and REDIS_URL. INTERNAL_HOST is where the servers of other machines reach this one.
const { PORT, PROCESSES, INTERNAL_HOST, SHUTDOWN_GRACE_SECONDS } = process.env;
const firstPort = Number(PORT || 2567);
/** Above the grace, in which a server hands its sessions over, saves, and tells its clients. */
const killAfterSeconds = Number(SHUTDOWN_GRACE_SECONDS || 25) + 5;

export const apps = Array.from({ length: Number(PROCESSES || 1) }, (_, i) => ({
  name: `campaign-live-sessions-${i + 1}`,
  // What `pm2 reload` and `pm2 stop` name them all by.
  namespace: "campaign-live-sessions",
  script: "src/index.ts",
  interpreter: "node_modules/.bin/node",
  exec_mode: "fork",
  // A server says when it takes players; with less patience the next one would be stopped before.
  wait_ready: true,
  listen_timeout: 60_000,
  kill_timeout: killAfterSeconds * 1_000,
  // A start without a database ends with 1: it is tried again for as long as it takes, ever more slowly.
  exp_backoff_restart_delay: 500,
  // Nothing of pm2's own inside the server, which has its metrics and its last words on what nobody caught.
  pmx: false,
  env: {
    NODE_ENV: "production",
    PORT: firstPort + i,
    INTERNAL_URL: `http://${INTERNAL_HOST || "127.0.0.1"}:${firstPort + i}`,
  },
}));
