import assert from "node:assert/strict";
import { mongo } from "mongoose";
import { OutcomeUnknown, StoreUnavailable } from "../../src/ports/failures.ts";
import { reasonOf, within, writing } from "../../src/stores/mongo/answer.ts";

/** What a change that failed so comes to. */
async function outcomeOf(error: Error): Promise<string> {
  return await writing(Promise.reject(error)).then(
    () => "stored",
    (thrown: Error) => thrown.name,
  );
}

function serverError(code: number, labels: readonly string[] = []): Error {
  return new mongo.MongoServerError({ message: "no", code, errorLabels: [...labels] });
}

const CERTAIN = new StoreUnavailable().name;
const UNKNOWN = new OutcomeUnknown().name;

describe("an answer of the database that is no yes", () => {
  it("[L13] is certain where the server refused before it did anything", async () => {
    const codes = {
      Unauthorized: 13,
      AuthenticationFailed: 18,
      FailedToSatisfyReadPreference: 133,
      ReauthenticationRequired: 391,
      NotWritablePrimary: 10_107,
      LegacyNotPrimary: 10_058,
      NotPrimaryNoSecondaryOk: 13_435,
      NotPrimaryOrSecondary: 13_436,
    };
    for (const [name, code] of Object.entries(codes)) assert.equal(await outcomeOf(serverError(code)), CERTAIN, name);
    for (const label of ["NoWritesPerformed", "RetryableError"]) {
      assert.equal(await outcomeOf(serverError(462, [label, "SystemOverloadedError"])), CERTAIN, label);
    }
  });

  it("[L13] is unknown where the work may be half done, whatever the driver would try again", async () => {
    const codes = {
      HostUnreachable: 6,
      MaxTimeMSExpired: 50,
      NetworkTimeout: 89,
      ShutdownInProgress: 91,
      PrimarySteppedDown: 189,
      ExceededTimeLimit: 262,
      SocketException: 9_001,
      InterruptedAtShutdown: 11_600,
      InterruptedDueToReplStateChange: 11_602,
      "one that nobody knows": 99_999,
    };
    for (const [name, code] of Object.entries(codes)) {
      assert.equal(await outcomeOf(serverError(code, ["RetryableWriteError"])), UNKNOWN, name);
    }
  });

  it("[L13] is unknown where the write concern was not met, whatever its code", async () => {
    for (const code of [64, 91, 100, 189, 10_107]) {
      const result = { ok: 1, n: 1, writeConcernError: { code, errmsg: "no" } };
      assert.equal(await outcomeOf(new mongo.MongoWriteConcernError(result)), UNKNOWN, `${code}`);
    }
  });

  it("[L13] is certain where nothing was sent, and unknown where a connection or the time ended", async () => {
    const names = ["MongoServerSelectionError", "MongoWaitQueueTimeoutError", "MongoPoolClearedError"];
    for (const name of names) assert.equal(await outcomeOf(Object.assign(new Error("no"), { name })), CERTAIN, name);
    const connecting = new mongo.MongoNetworkError("no", { beforeHandshake: true });
    assert.equal(await outcomeOf(connecting), CERTAIN);
    assert.equal(await outcomeOf(new mongo.MongoNetworkError("connection 7 closed")), UNKNOWN);
    // Of connections in use while the client closes.
    assert.equal(await outcomeOf(new mongo.MongoClientClosedError()), UNKNOWN);
    await assert.rejects(writing(new Promise(() => {}), 1), OutcomeUnknown);
    await assert.rejects(within(0, new Promise(() => {})), { name: "NoAnswer" });
  });

  it("[L13] leaves a taken key to whoever asked, and says nothing of values", async () => {
    const taken = new mongo.MongoServerError({ message: "dup key: { _id: 'secret' }", code: 11_000, codeName: "Dup" });
    await assert.rejects(writing(Promise.reject(taken)), taken);
    assert.equal(reasonOf(taken), "the database answered Dup");
  });
});
