package dev.toolpost.worker.call;

/** Ends a wait of a call from outside. Carries no stack trace: it is how the wait ends, not a failure. */
final class CallSignalled extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why a waiting call is to stop waiting, the strongest last. */
    enum Signal {
        /** It holds the commit of its partition back: it goes on from {@code resume}. */
        HAND_OVER,
        /** The agent wants no answer any more. */
        CANCEL,
        /** The shard is no longer this worker's; the call comes again elsewhere. */
        DROP
    }

    private final Signal signal;

    CallSignalled(Signal signal) {
        super(signal.name(), null, false, false);
        this.signal = signal;
    }

    Signal signal() {
        return signal;
    }
}
