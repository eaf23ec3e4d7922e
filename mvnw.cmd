@echo off
rem Runs Maven with a JDK that Toolpost can be built on: the Windows counterpart of mvnw, same order, same settings.
setlocal EnableDelayedExpansion
set "WANTED=25.0.3"
set "MVNW_ROOT=%~dp0"

set "FOUND="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for %%V in ("Eclipse Adoptium" Java Microsoft Zulu "Amazon Corretto" BellSoft) do (
  for /d %%D in ("%ProgramFiles%\%%~V\*") do if not defined FOUND call :consider "%%~D"
)
for /d %%D in ("%USERPROFILE%\.jdks\*") do if not defined FOUND call :consider "%%~D"
if not defined FOUND (
  echo Toolpost needs a JDK %WANTED% or newer, and none was found in JAVA_HOME, %ProgramFiles% or %USERPROFILE%\.jdks. 1>&2
  echo Install one ^(winget install EclipseAdoptium.Temurin.25.JDK^) or set JAVA_HOME. 1>&2
  exit /b 1
)
set "JAVA_HOME=%FOUND%"

for /f "usebackq tokens=1,* delims==" %%A in ("%MVNW_ROOT%.mvn\wrapper\maven-wrapper.properties") do (
  if "%%A"=="version" set "VERSION=%%B"
  if "%%A"=="distributionUrl" set "URL=%%B"
  if "%%A"=="distributionSha512Sum" set "SUM=%%B"
)
if defined MVNW_REPOURL set "URL=%MVNW_REPOURL%/org/apache/maven/apache-maven/%VERSION%/apache-maven-%VERSION%-bin.tar.gz"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "DISTS=%MAVEN_USER_HOME%\wrapper\dists\apache-maven-%VERSION%"
set "PINNED=%DISTS%\sha512-%SUM:~0,16%"

set "MVN=%PINNED%\bin\mvn.cmd"
if exist "%MVN%" goto run
for /f "delims=" %%M in ('where mvn.cmd 2^>nul') do (
  set "MVN=%%M"
  goto run
)
echo mvnw: downloading Maven %VERSION% from %URL% 1>&2
if not exist "%DISTS%" mkdir "%DISTS%"
set "PART=%DISTS%\part-%RANDOM%%RANDOM%"
mkdir "%PART%"
powershell -NoProfile -Command "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; $f = '%PART%\maven.tar.gz'; Invoke-WebRequest -UseBasicParsing -Uri '%URL%' -OutFile $f; $h = (Get-FileHash -Algorithm SHA512 $f).Hash; if ($h -ne '%SUM%') { throw \"SHA-512 of the download is $h (expected: %SUM%)\" }; tar -xzf $f -C '%PART%'"
if errorlevel 1 (
  rmdir /s /q "%PART%"
  echo mvnw: the download failed. Name a mirror in MVNW_REPOURL, or put an mvn 3.8 or newer on the PATH. 1>&2
  exit /b 1
)
move "%PART%\apache-maven-%VERSION%" "%PINNED%" >nul
rmdir /s /q "%PART%"
set "MVN=%PINNED%\bin\mvn.cmd"

:run
if not defined MVNW_QUIET echo mvnw: %MVN%, JDK at %JAVA_HOME% 1>&2
call "%MVN%" %*
exit /b %ERRORLEVEL%

rem Takes the directory as FOUND when it is a JDK of at least WANTED (its `release` file tells).
:consider
if not exist "%~1\bin\javac.exe" exit /b 0
for /f "tokens=2 delims==" %%R in ('findstr /b "JAVA_VERSION=" "%~1\release" 2^>nul') do (
  for /f "tokens=1-3 delims=.-+" %%X in ("%%~R") do (
    set /a "NUMBER=%%X*1000000+0%%Y*1000+0%%Z"
    if !NUMBER! GEQ 25000003 set "FOUND=%~1"
  )
)
exit /b 0
