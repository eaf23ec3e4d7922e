package dev.toolpost.worker.call;

import dev.toolpost.worker.reply.CallError;

/** What a record turned out to be. */
sealed interface Reading {

    /** A call, whole or in part. */
    sealed interface Arrived extends Reading {
        Call call();
    }

    /** A call. */
    record Whole(Call call) implements Arrived {}

    /** A call with something wrong, of which enough could be read to answer it. */
    record Answerable(Call call, CallError error) implements Arrived {}

    /** No call; it becomes a dead letter. */
    record Unreadable(String cause, String detail) implements Reading {}
}
