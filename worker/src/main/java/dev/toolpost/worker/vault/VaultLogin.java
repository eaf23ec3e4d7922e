package dev.toolpost.worker.vault;

/** How a token is come by. Immutable. */
public sealed interface VaultLogin {

    /** What to call it in messages. */
    String name();

    /** A token that somebody else obtained: it is renewed while it can be, and replaced by whoever gave it. */
    record Token(LoginSecret token) implements VaultLogin {
        @Override
        public String name() {
            return "token";
        }
    }

    /**
     * AppRole.
     *
     * @param mount of the method, {@code approle} unless it was enabled elsewhere
     */
    record AppRole(String mount, String roleId, LoginSecret secretId) implements VaultLogin {
        @Override
        public String name() {
            return "approle";
        }
    }

    /**
     * Kubernetes.
     *
     * @param mount of the method, {@code kubernetes} unless it was enabled elsewhere
     * @param serviceAccountToken the pod's own, which Kubernetes replaces in its file
     */
    record Kubernetes(String mount, String role, LoginSecret serviceAccountToken) implements VaultLogin {
        @Override
        public String name() {
            return "kubernetes";
        }
    }
}
