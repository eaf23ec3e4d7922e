package dev.toolpost.sandbox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may call a vendor: bearer tokens and the accounts that they belong to, each with windows of its own. Belongs to the loop's thread. */
final class VendorAccounts {

    private static final int WINDOWS = 10_000;

    /** What the rate limits count for. */
    static final class Account {
        private final String label;
        private final Map<String, Window> windows = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
                return size() > WINDOWS;
            }
        };
        private int underWay;

        Account(String label) {
            this.label = label;
        }

        /** The grant's id, or the token itself. */
        String label() {
            return label;
        }

        Window window(String key, VendorLimit limit) {
            Window window = windows.get(key);
            if (window == null) {
                window = Window.of(limit);
                windows.put(key, window);
            }
            return window;
        }

        int underWay() {
            return underWay;
        }

        void underWay(int change) {
            underWay += change;
        }
    }

    /** A token that the vendor knows. */
    static final class Token {
        private final Account account;
        private TokenState state;
        private long endsMillis;

        private Token(Account account, TokenState state, long endsMillis) {
            this.account = account;
            this.state = state;
            this.endsMillis = endsMillis;
        }

        Account account() {
            return account;
        }

        TokenState state(long nowMillis) {
            return nowMillis >= endsMillis ? TokenState.EXPIRED : state;
        }

        long endsMillis() {
            return endsMillis;
        }

        void end(long nowMillis) {
            endsMillis = Math.min(endsMillis, nowMillis);
        }
    }

    /** What all accounts share. */
    private final Account shared = new Account("");

    private final Map<String, Token> tokens = new HashMap<>();

    Account shared() {
        return shared;
    }

    @Nullable
    Token find(String token) {
        return tokens.get(token);
    }

    /** Has a token of its own account known, or changes its state. */
    void know(String token, TokenState state) {
        tokens.computeIfAbsent(token, _ -> new Token(new Account(token), state, Long.MAX_VALUE)).state = state;
    }

    Token issue(String token, Account account, TokenState state, long endsMillis) {
        Token issued = new Token(account, state, endsMillis);
        tokens.put(token, issued);
        return issued;
    }

    void forget(String token) {
        tokens.remove(token);
    }

    /** Has every window be empty. */
    void forgetWindows() {
        tokens.values().forEach(token -> token.account.windows.clear());
        shared.windows.clear();
    }
}
