# One image for worker, scheduler, command line and the sandbox's vendors; what runs is the command.

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN ./mvnw -B -ntp -P launcher -pl cli -am package

FROM eclipse-temurin:25-jre
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/toolpost toolpost \
    && mkdir -p /var/lib/toolpost/scheduler /var/lib/toolpost/keys \
    && chown -R toolpost:toolpost /var/lib/toolpost
COPY --from=build /src/cli/target/toolpost/lib /opt/toolpost/lib
USER toolpost
WORKDIR /var/lib/toolpost
ENV TOOLPOST_SCHEDULER_STATE_DIRECTORY=/var/lib/toolpost/scheduler
# Further options for the JVM: JDK_JAVA_OPTIONS, which Java itself reads.
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:MaxRAMPercentage=70", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError", "-cp", "/opt/toolpost/lib/*"]
CMD ["dev.toolpost.cli.Main", "--help"]
