package dev.toolpost.connectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All connectors that are known, and their tools by name. Immutable and thread-safe: a change makes another catalogue.
 */
public final class ConnectorCatalogue {
    private static final String RESOURCES = "catalogue";

    private final SortedMap<String, Connector> connectors;
    private final SortedMap<String, ToolRef> tools;

    private ConnectorCatalogue(SortedMap<String, Connector> connectors, SortedMap<String, ToolRef> tools) {
        this.connectors = Collections.unmodifiableSortedMap(connectors);
        this.tools = Collections.unmodifiableSortedMap(tools);
    }

    /**
     * A catalogue of these connectors. Of two for the same vendor the later one counts.
     *
     * @throws IllegalArgumentException where two vendors have a tool of the same full name
     */
    public static ConnectorCatalogue of(Collection<Connector> connectors) {
        SortedMap<String, Connector> byVendor = new TreeMap<>();
        connectors.forEach(connector -> byVendor.put(connector.vendor(), connector));
        SortedMap<String, ToolRef> tools = new TreeMap<>();
        for (Connector connector : byVendor.values()) {
            for (Tool tool : connector.tools().values()) {
                ToolRef other = tools.put(tool.name(), new ToolRef(connector, tool));
                if (other != null) {
                    throw new IllegalArgumentException("the tool " + tool.name() + " is defined by the vendors "
                            + other.connector().vendor() + " and " + connector.vendor() + " (expected: one)");
                }
            }
        }
        return new ConnectorCatalogue(byVendor, tools);
    }

    /** The connectors that come with Toolpost. */
    public static ConnectorCatalogue bundled() {
        return load(List.of());
    }

    /**
     * The connectors that come with Toolpost and those of further directories, each a file {@code NAME.yaml} or
     * {@code NAME/connector.yaml} there. Of two for the same vendor the later directory's counts.
     *
     * @throws ConnectorException where a definition cannot be used; it lists the problems of all files
     */
    public static ConnectorCatalogue load(List<Path> directories) {
        ConnectorLoader loader = new ConnectorLoader();
        List<Connector> connectors = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        bundledFiles().forEach((name, text) -> connectors.add(loader.loadChecked(name, text)));
        for (Path directory : directories) {
            for (Path file : ConnectorFiles.required(directory)) {
                try {
                    connectors.add(loader.load(file));
                } catch (ConnectorException e) {
                    problems.addAll(e.problems());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ConnectorException(problems);
        }
        return of(connectors);
    }

    /** Text of each bundled definition by its place, in order, from a directory of classes or a jar. */
    private static SortedMap<String, String> bundledFiles() {
        SortedMap<String, String> files = new TreeMap<>();
        try {
            Enumeration<URL> roots = ConnectorCatalogue.class.getClassLoader().getResources(RESOURCES);
            while (roots.hasMoreElements()) {
                URL root = roots.nextElement();
                URLConnection connection = root.openConnection();
                if (connection instanceof JarURLConnection jar) {
                    readJar(jar, files);
                } else {
                    readDirectory(Path.of(root.toURI()), files);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the bundled connectors cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path holds a place that is no URI", e);
        }
        return files;
    }

    private static void readJar(JarURLConnection connection, Map<String, String> files) throws IOException {
        connection.setUseCaches(false);
        try (var jar = connection.getJarFile()) {
            for (var entry : Collections.list(jar.entries())) {
                String name = entry.getName();
                if (name.startsWith(RESOURCES + "/") && name.endsWith("/" + ConnectorFiles.NAME)) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        files.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
    }

    private static void readDirectory(Path directory, Map<String, String> files) throws IOException {
        for (Path file : ConnectorFiles.required(directory)) {
            files.put(
                    RESOURCES + "/" + directory.relativize(file).toString().replace('\\', '/'), Files.readString(file));
        }
    }

    /** This catalogue with one more connector, which takes the place of an older one of its vendor. */
    public ConnectorCatalogue with(Connector connector) {
        Map<String, Connector> all = new LinkedHashMap<>(connectors);
        all.put(connector.vendor(), connector);
        return of(all.values());
    }

    /** The tool of this full name, or null. */
    public @Nullable ToolRef byTool(String name) {
        return tools.get(name);
    }

    /** The vendor's connector, or null. */
    public @Nullable Connector byVendor(String vendor) {
        return connectors.get(vendor);
    }

    /** All connectors by vendor. */
    public SortedMap<String, Connector> connectors() {
        return connectors;
    }

    /** All tools by full name. */
    public SortedMap<String, ToolRef> tools() {
        return tools;
    }

    /** Every pool that a connector belongs to, and {@value Connector#COMMON_POOL}, which is always there. */
    public SortedSet<String> pools() {
        SortedSet<String> pools = new TreeSet<>();
        pools.add(Connector.COMMON_POOL);
        connectors.values().forEach(connector -> pools.add(connector.pool()));
        return pools;
    }

    /** The known tool whose name is nearest to one that is not known, or null where none is near. */
    public @Nullable String nearestTool(String name) {
        return NearestName.of(name, tools.keySet());
    }

    /** The known vendor whose id is nearest to one that is not known, or null where none is near. */
    public @Nullable String nearestVendor(String name) {
        return NearestName.of(name, connectors.keySet());
    }
}
