package dev.toolpost.schemas;

import java.util.regex.Pattern;

/** What identifiers may look like. */
public final class Ids {
    /** Tenants, connections, vendors, pools and agents: {@value}. */
    public static final String ID_PATTERN = "[a-z0-9][a-z0-9._-]{0,63}";

    /** Tool names; OpenAI, Anthropic and MCP all take these: {@value}. */
    public static final String TOOL_PATTERN = "[A-Za-z0-9_]{1,64}";

    /** The longest call id or idempotency key, in characters. */
    public static final int MAX_CALL_ID_LENGTH = 200;

    private static final int MAX_ID_LENGTH = 64;
    private static final Pattern TOOL = Pattern.compile(TOOL_PATTERN);

    private Ids() {}

    /** Whether the text matches {@link #ID_PATTERN}; asked several times for every call. */
    public static boolean isId(String text) {
        int length = text.length();
        if (length == 0 || length > MAX_ID_LENGTH || !isLetterOrDigit(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    public static boolean isToolName(String text) {
        return TOOL.matcher(text).matches();
    }

    /** Whether the text can be a call id or an idempotency key: 1 to 200 printable ASCII characters, no space. */
    public static boolean isCallId(String text) {
        if (text.isEmpty() || text.length() > MAX_CALL_ID_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the id, or says what is wrong with it.
     *
     * @param what what the id names, for the message: {@code tenant}, {@code pool} ...
     * @throws IllegalArgumentException if it is not an id
     */
    public static String requireId(String what, String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException(what + ": \"" + id + "\" (expected: " + ID_PATTERN + ")");
        }
        return id;
    }
}
