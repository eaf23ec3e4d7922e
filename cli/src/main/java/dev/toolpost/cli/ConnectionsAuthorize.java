package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.BaseUrl;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Consent;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.credentials.VersionConflictException;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.oauth.ConsentException;
import dev.toolpost.worker.oauth.ConsentFlow;
import dev.toolpost.worker.oauth.Consented;
import dev.toolpost.worker.oauth.DeviceCode;
import dev.toolpost.worker.oauth.NewGrant;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost connections authorize}: a person lets an OAuth app use an account, and the grant is stored. */
@Command(
        name = "authorize",
        description =
                "Has a person authorise an account at a vendor in the browser, and stores the grant. For a connection that is there,"
                        + " its client, variables, limits and labels stay unless said anew: so a dead grant comes alive again.",
        footer = {
            "",
            "Examples:",
            "  toolpost connections authorize hubspot --connection sales-hubspot --tenant acme --client-id APP_ID"
                    + " --secret-env client_secret=APP_SECRET",
            "  toolpost connections authorize hubspot --connection sales-hubspot --tenant acme",
            "  toolpost connections authorize github --connection code --device --client-id Iv23li…",
        })
final class ConnectionsAuthorize implements Callable<Integer> {
    /** For vendors that want the redirect's address registered with its port. */
    static final int USUAL_PORT = 8721;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "VENDOR", description = "The vendor, for example hubspot.")
    private String vendor = "";

    @Option(
            names = "--connection",
            required = true,
            paramLabel = "NAME",
            description = "The connection, new or there already.")
    private String name = "";

    @Mixin
    private Connections.Tenant tenant = new Connections.Tenant();

    @Option(
            names = "--auth",
            paramLabel = "ID",
            description =
                    "Which OAuth 2.0 way, where the connector has several. Default: the connection's, else the first.")
    private @Nullable String auth;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            description = "A scope to ask for; repeat for more. Default: the connector's.")
    private List<String> scopes = List.of();

    @Option(names = "--client-id", paramLabel = "ID", description = "The app's client id, as registered at the vendor.")
    private @Nullable String clientId;

    @Mixin
    private SecretInput secret = new SecretInput();

    @Option(
            names = "--set",
            paramLabel = "VARIABLE=VALUE",
            description = "A variable of the connector, such as its subdomain; repeat for more.")
    private Map<String, String> variables = new LinkedHashMap<>();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "A note for people; repeat for more.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description =
                    "Port of 127.0.0.1 that the browser comes back to; 0 takes any free one. Default: any where the vendor takes"
                            + " that, else " + USUAL_PORT + ": register http://HOST:" + USUAL_PORT
                            + "/callback with the app, with the HOST that this command prints.")
    private @Nullable Integer port;

    @Option(
            names = "--redirect-uri",
            paramLabel = "URL",
            description =
                    "A registered redirect address of your own, for vendors that take no loopback address. The address that the"
                            + " browser ends at is then asked for: copy it from the browser.")
    private @Nullable URI redirectUri;

    @Option(names = "--no-browser", description = "Open no browser, only print the address.")
    private boolean noBrowser;

    @Option(
            names = "--device",
            description = "Authorise on another device: shows a code to type there, where the vendor has that.")
    private boolean device;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = DurationOption.class,
            description = "How long to wait for the person. Default: 5m.")
    private Duration timeout = Duration.ofMinutes(5);

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        Connector connector = Connections.connector(KnownConnectors.withVendor(common, config, vendor), vendor);
        CredentialStore store = Setup.credentials(config);
        StoredConnection before = store.findNow(tenant.require(config), name);
        if (before != null && !before.connection().vendor().equals(vendor)) {
            throw CliException.usage(
                    "the connection " + before.connection().id() + " is one of "
                            + before.connection().vendor() + " (expected: of " + vendor + ")",
                    "Take another name for the new one.");
        }
        Auth.OAuth2 way = way(connector, before);
        ConnectionRecord record = record(config, connector, way, before);
        Secret client = secret.readClient(way, known(before, way));
        try (VendorHttp http = VendorAccess.http(config, variables.values())) {
            ConsentFlow flow =
                    new ConsentFlow(connector, way, record, client, http, InstantSource.system(), new SecureRandom());
            Set<String> asked = scopes.isEmpty() ? new LinkedHashSet<>(way.scopes()) : new LinkedHashSet<>(scopes);
            Consented consented = device
                    ? byDevice(flow, asked)
                    : redirectUri != null ? byHand(flow, redirectUri, asked) : byBrowser(flow, way, asked);
            return switch (consented) {
                case Consented.Granted granted -> stored(config, store, granted, before);
                case Consented.Refused(String message) -> refused(message);
                case Consented.Pending _ -> refused("nobody has typed the code within " + timeout.toSeconds() + " s");
            };
        } catch (ConsentException cannot) {
            throw CliException.usage(
                    String.valueOf(cannot.getMessage()),
                    "What the vendor needs is under auth of its connector; a refresh token that you have is stored with"
                            + " toolpost connections add.",
                    cannot);
        }
    }

    private Auth.OAuth2 way(Connector connector, @Nullable StoredConnection before) {
        List<Auth.OAuth2> ways = connector.auth().stream()
                .filter(Auth.OAuth2.class::isInstance)
                .map(Auth.OAuth2.class::cast)
                .toList();
        String wanted = auth != null
                ? auth
                : before == null ? null : before.connection().authKind();
        for (Auth.OAuth2 each : ways) {
            if (each.id().equals(wanted)) {
                return each;
            }
        }
        if (auth != null || ways.isEmpty()) {
            throw CliException.usage(
                    ways.isEmpty()
                            ? connector.title() + " has no OAuth 2.0 that a person authorises"
                            : "--auth " + auth + " (expected: "
                                    + ways.stream().map(Auth::id).collect(Collectors.joining(" or ")) + ")",
                    ways.isEmpty() ? "Store its secret: toolpost connections add " + name + " --vendor " + vendor : "");
        }
        return ways.getFirst();
    }

    private ConnectionRecord record(
            ToolpostConfig config, Connector connector, Auth.OAuth2 way, @Nullable StoredConnection before) {
        ConnectionRecord old = before == null ? null : before.connection();
        Map<String, String> all = new LinkedHashMap<>(old == null ? Map.of() : old.variables());
        for (String variable : variables.keySet()) {
            if (connector.variable(variable) == null) {
                throw CliException.usage("--set " + variable + ": " + connector.title() + " has no such variable", "");
            }
        }
        all.putAll(variables);
        Map<String, String> notes = new LinkedHashMap<>(old == null ? Map.of() : old.labels());
        notes.putAll(labels);
        requireAddresses(connector, way, all);
        try {
            return new ConnectionRecord(
                    tenant.require(config),
                    name,
                    vendor,
                    way.id(),
                    all,
                    old != null && old.authKind().equals(way.id()) ? old.limits() : Map.of(),
                    scopes.isEmpty() ? Set.of() : new LinkedHashSet<>(scopes),
                    notes);
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage(String.valueOf(wrong.getMessage()), "", wrong);
        }
    }

    /** What is wrong with the variables is told before the person is asked. */
    private static void requireAddresses(Connector connector, Auth.OAuth2 way, Map<String, String> variables) {
        URI api = null;
        try {
            api = connector.baseUrl(way.id()).resolve(variables);
        } catch (InvalidVariableException missing) {
            if (way.keep().isEmpty()) {
                throw missing;
            }
        }
        boolean standIn = api != null && VendorAccess.isThisMachine(api.toString());
        for (BaseUrl address : way.addresses()) {
            URI resolved = address.resolveForSecrets(variables);
            if (standIn && !VendorAccess.isThisMachine(resolved.toString())) {
                throw CliException.usage(
                        "the connection's API is a server of this machine, but " + resolved + " is asked for tokens",
                        "Set " + String.join(" and ", address.template().arguments()) + " too, with --set.");
            }
        }
    }

    private Map<String, String> known(@Nullable StoredConnection before, Auth.OAuth2 way) {
        Map<String, String> known = new LinkedHashMap<>();
        if (before != null && before.connection().authKind().equals(way.id())) {
            before.secret()
                    .names()
                    .forEach(field ->
                            known.put(field, String.valueOf(before.secret().get(field))));
        }
        if (clientId != null) {
            if (!clientId.equals(known.get(Auth.OAuth2.CLIENT_ID))) {
                // Another app has another secret.
                known.remove(Auth.OAuth2.CLIENT_SECRET);
            }
            known.put(Auth.OAuth2.CLIENT_ID, clientId);
        }
        return known;
    }

    private Consented byBrowser(ConsentFlow flow, Auth.OAuth2 way, Set<String> asked)
            throws ConsentException, InterruptedException {
        Consent consent = way.consent();
        int wanted = port != null ? port : consent != null && consent.anyPort() ? 0 : USUAL_PORT;
        try (LoopbackRedirect redirect = new LoopbackRedirect(wanted, flow::isMine, this::tell)) {
            URI back = redirect.uri(consent == null ? "127.0.0.1" : consent.redirectHost());
            URI page = flow.address(back, asked);
            boolean opened = !noBrowser && Browser.open(page);
            tell(
                    opened
                            ? "Your browser opens this address; where it does not, open it yourself:"
                            : "Open this address:");
            tell(page.toString());
            tell("It comes back to " + back + (wanted == 0 ? "" : ", which has to be registered with the app") + ".");
            return switch (redirect.await(timeout)) {
                case LoopbackRedirect.Answer.Code(String code) -> flow.redeem(code, back);
                case LoopbackRedirect.Answer.Refused refused -> said(refused);
                case LoopbackRedirect.Answer.TimedOut() ->
                    new Consented.Refused("no answer came back within " + timeout.toSeconds() + " s");
            };
        } catch (IOException taken) {
            throw CliException.usage(
                    "port " + wanted + " of 127.0.0.1 cannot be listened on: " + taken.getMessage(),
                    "Choose another one with --port, and register its address with the app.",
                    taken);
        }
    }

    private Consented byHand(ConsentFlow flow, URI back, Set<String> asked) throws ConsentException {
        tell("Open this address:");
        tell(flow.address(back, asked).toString());
        tell("Then copy the address that the browser ends at (it begins with " + back + "), and paste it here:");
        String pasted;
        try {
            pasted = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        } catch (IOException unreadable) {
            throw CliException.usage("standard input cannot be read: " + unreadable.getMessage(), "", unreadable);
        }
        int mark = pasted == null ? -1 : pasted.indexOf('?');
        if (pasted == null || mark < 0) {
            return new Consented.Refused("what was pasted is no address with a code");
        }
        String query = pasted.substring(mark + 1).replaceFirst("#.*", "").strip();
        return switch (LoopbackRedirect.Answer.of(query, flow::isMine)) {
            case null ->
                new Consented.Refused("the pasted address has a wrong state: it belongs to another authorisation");
            case LoopbackRedirect.Answer.Code(String code) -> flow.redeem(code, back);
            case LoopbackRedirect.Answer.Refused refused -> said(refused);
            case LoopbackRedirect.Answer.TimedOut() -> new Consented.Refused("no answer");
        };
    }

    private static Consented said(LoopbackRedirect.Answer.Refused refused) {
        String why = refused.error().equals("access_denied")
                ? "the person, or the vendor's policy, has refused (access_denied)"
                : "the vendor answers " + refused.error();
        return new Consented.Refused(
                Text.cut(why + (refused.description().isEmpty() ? "" : ": " + refused.description()), 500));
    }

    private Consented byDevice(ConsentFlow flow, Set<String> asked) throws ConsentException, InterruptedException {
        DeviceCode code = flow.deviceCode(asked);
        tell("On any device, open " + Text.line(code.page().toString()));
        tell("and type the code " + Text.line(code.userCode()));
        URI filled = code.filledPage();
        if (filled != null && !noBrowser) {
            boolean _ = Browser.open(filled);
        }
        Duration bound = timeout.compareTo(code.life()) < 0 ? timeout : code.life();
        long end = System.nanoTime() + bound.toNanos();
        Duration pause = code.interval();
        while (System.nanoTime() + pause.toNanos() < end) {
            Thread.sleep(pause);
            Consented consented = flow.redeem(code);
            if (!(consented instanceof Consented.Pending(Duration next))) {
                return consented;
            }
            pause = next;
        }
        return new Consented.Pending(pause);
    }

    private int stored(
            ToolpostConfig config, CredentialStore store, Consented.Granted granted, @Nullable StoredConnection before)
            throws InterruptedException {
        StoredConnection saved;
        try {
            saved = NewGrant.store(store, granted, before);
        } catch (VersionConflictException changed) {
            throw CliException.usage(
                    "the connection " + granted.connection().id() + " was added or replaced by somebody else meanwhile",
                    "See what is there (toolpost connections show " + name + "), then authorise again.",
                    changed);
        }
        ConnectionRecord connection = saved.connection();
        ConnectionNews.tell(common, config, connection.tenant(), name, "authorized", connection.vendor());
        // A life that nobody told is as good as none.
        boolean ends = granted.life().compareTo(Duration.ofDays(3_000)) < 0;
        Instant until =
                Instant.ofEpochMilli(granted.atMillis()).plus(granted.life()).truncatedTo(ChronoUnit.SECONDS);
        if (common.json()) {
            ObjectNode node = Connections.json(connection);
            node.put("renewable", granted.renewable())
                    .put("valid_until", ends ? until.toString() : null)
                    .put("version", saved.version());
            common.out().println(Json.print(node));
        } else {
            common.out()
                    .println("Authorised " + connection.id()
                            + (connection.scopes().isEmpty()
                                    ? ""
                                    : " with " + Text.line(String.join(" ", connection.scopes()))));
            common.out()
                    .println("Try it: toolpost connections check " + name
                            + (connection.tenant().equals(config.defaultTenant())
                                    ? ""
                                    : " --tenant " + connection.tenant()));
        }
        if (!granted.renewable()) {
            tell("The vendor gave no refresh token, so the connection "
                    + (ends ? "ends at " + until : "works until the vendor takes the token back")
                    + "; then it has to be authorised again. Some vendors give one only for a scope such as"
                    + " offline_access, or after access was taken back first.");
        }
        return ExitCode.OK;
    }

    private int refused(String message) {
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("connection", name)
                            .put("authorized", false)
                            .put("message", message)));
        } else {
            tell("Not authorised: " + Text.line(message) + ". Nothing was stored.");
        }
        return ExitCode.ANSWERED_WITH_ERROR;
    }

    private void tell(String line) {
        common.err().println(line);
        common.err().flush();
    }
}
