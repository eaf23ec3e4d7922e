package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A policy of the simulated Vault, read from the part of HCL that policies of paths and capabilities need. Immutable.
 *
 * @see <a href="https://developer.hashicorp.com/vault/docs/concepts/policies">Vault's policies</a>
 */
final class VaultPolicy {

    private static final Pattern RULE =
            Pattern.compile("path\\s+\"([^\"]+)\"\\s*\\{\\s*capabilities\\s*=\\s*\\[([^\\]]*)]\\s*}");
    private static final Pattern COMMENT = Pattern.compile("#[^\\n]*");
    private static final Set<String> CAPABILITIES =
            Set.of("create", "read", "update", "delete", "list", "patch", "sudo", "deny");

    static final VaultPolicy DEFAULT = parse("""
            path "auth/token/lookup-self" { capabilities = ["read"] }
            path "auth/token/renew-self" { capabilities = ["update"] }
            path "auth/token/revoke-self" { capabilities = ["update"] }
            """);

    private final List<Rule> rules;

    private record Rule(String path, Pattern matched, Set<String> capabilities) {}

    private VaultPolicy(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** @throws IllegalArgumentException where something is left over that this cannot read */
    static VaultPolicy parse(String hcl) {
        String text = COMMENT.matcher(hcl).replaceAll("");
        Matcher rule = RULE.matcher(text);
        List<Rule> rules = new ArrayList<>();
        while (rule.find()) {
            Set<String> capabilities = Arrays.stream(rule.group(2).split(",", -1))
                    .map(each -> each.strip().replace("\"", ""))
                    .filter(each -> !each.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!CAPABILITIES.containsAll(capabilities)) {
                throw new IllegalArgumentException(
                        "capabilities " + capabilities + " (expected: of " + CAPABILITIES + ")");
            }
            rules.add(new Rule(rule.group(1), pattern(rule.group(1)), capabilities));
        }
        String left = RULE.matcher(text).replaceAll("").strip();
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "failed to parse policy near: " + left.lines().findFirst().orElse(""));
        }
        return new VaultPolicy(rules);
    }

    /** A star at the end stands for anything, a plus for one segment. */
    private static Pattern pattern(String path) {
        boolean open = path.endsWith("*");
        String fixed = open ? path.substring(0, path.length() - 1) : path;
        String quoted = Arrays.stream(fixed.split("/", -1))
                .map(segment -> segment.equals("+") ? "[^/]+" : Pattern.quote(segment))
                .collect(Collectors.joining("/"));
        return Pattern.compile(quoted + (open ? ".*" : ""));
    }

    /** What several policies allow together: of the rules that match, the longest path counts. */
    static boolean allows(List<VaultPolicy> policies, String path, String capability) {
        List<Rule> matching = policies.stream()
                .flatMap(policy -> policy.rules.stream())
                .filter(rule -> rule.matched().matcher(path).matches())
                .toList();
        int longest =
                matching.stream().mapToInt(rule -> rule.path().length()).max().orElse(0);
        Set<String> allowed = matching.stream()
                .filter(rule -> rule.path().length() == longest)
                .flatMap(rule -> rule.capabilities().stream())
                .collect(Collectors.toSet());
        return allowed.contains(capability) && !allowed.contains("deny");
    }
}
