package dev.toolpost.client;

import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole answer to a call.
 *
 * @param callId the call
 * @param frames its frames in the order of their numbers, at least one; the last one ends the answer
 * @param headers headers of the last frame whose names start with {@code reply-}, and its trace context
 */
public record Reply(String callId, List<ToolReply> frames, java.util.Map<String, String> headers) {
    public Reply {
        frames = List.copyOf(frames);
        headers = java.util.Map.copyOf(headers);
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("frames: none (expected: at least one)");
        }
    }

    /** The frame that ended the answer. */
    public ToolReply last() {
        return frames.getLast();
    }

    /** Whether the call succeeded. Frames before an error stay valid. */
    public boolean isOk() {
        return last().getStatus().equals("ok");
    }

    /** Why the call failed; null if it succeeded. */
    public @Nullable ToolError error() {
        return last().getError();
    }

    /** The content of the last frame as JSON text, which is all of it unless the reply has several frames. */
    public @Nullable String content() {
        return last().getContent();
    }

    /** The cursor of the next page; null if there is none. */
    public @Nullable String nextCursor() {
        return last().getNextCursor();
    }
}
