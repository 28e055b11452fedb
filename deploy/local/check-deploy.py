#!/usr/bin/env python3
"""Checks Dockerfiles, docker-compose.yaml and the Kubernetes manifests without a Docker engine or a cluster.

What is looked at: pinned base images, no root, health checks, every referenced file there, no secret in plain text, probes,
resources, hardening, and that image names, ports and settings agree with each other and with the code.
"""
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["api", "pass1-worker", "pass2-worker", "reporter"]
problems = []


def expect(condition, message):
    if not condition:
        problems.append(message)


def settings_in_code():
    """Every SANITIZER_ variable that the Swift sources name."""
    names = set()
    for folder in ("Shared", "Services"):
        for file in (ROOT / folder).rglob("*.swift"):
            names |= set(re.findall(r"\bSANITIZER_[A-Z0-9_]+\b", file.read_text(encoding="utf-8")))
    return names


KNOWN = settings_in_code()


def check_setting(name, where):
    plain = name.removesuffix("_FILE")
    expect(not name.startswith("SANITIZER_") or plain in KNOWN or name in KNOWN, f"{where}: no code reads {name}")


def instructions(path):
    """(INSTRUCTION, arguments) of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name.upper(), rest.strip()


def check_dockerfile(path):
    name = path.relative_to(ROOT)
    steps = list(instructions(path))
    known = {name for name, _ in steps}
    expect(known <= {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"},
           f"{name}: unknown instruction in {sorted(known)}")
    stages, last = set(), []
    for instruction, rest in steps:
        if instruction == "FROM":
            image, _, alias = rest.partition(" AS ")
            expect(":" in image and not image.endswith(":latest"), f"{name}: {image} is not pinned")
            stages.add(alias.strip())
            last = []
        last.append((instruction, rest))
        if instruction == "COPY":
            source = rest.split()
            stage = re.match(r"--from=(\S+)", source[0])
            if stage:
                expect(stage.group(1) in stages, f"{name}: no stage {stage.group(1)}")
            else:
                expect((ROOT / source[0]).exists(), f"{name}: {source[0]} is not there")
        if instruction == "RUN" and "apt-get install" in rest:
            expect("--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists" in rest,
                   f"{name}: apt leaves its lists or installs what is only recommended")
        if instruction == "ENV":
            for setting in re.findall(r"(\w+)=", rest):
                check_setting(setting, str(name))
    last_names = [instruction for instruction, _ in last]
    user = dict(last).get("USER", "")
    expect(user and not user.startswith(("0", "root")), f"{name}: runs as root")
    expect("ENTRYPOINT" in last_names and dict(last)["ENTRYPOINT"].startswith("["), f"{name}: entry point in exec form missing")
    expect("HEALTHCHECK" in last_names or "admin" in path.name, f"{name}: no health check")


def check_compose():
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    for name in SERVICES + ["postgres", "rabbitmq", "seaweedfs"]:
        expect(name in services, f"docker-compose.yaml: no service {name}")
    for name, service in services.items():
        where = f"docker-compose.yaml: {name}"
        build = service.get("build")
        if build:
            expect((ROOT / build["dockerfile"]).exists(), f"{where}: {build['dockerfile']} is not there")
            expect(service.get("read_only") and service.get("cap_drop") == ["ALL"], f"{where}: not hardened")
        else:
            expect(":" in service["image"] and "latest" not in service["image"], f"{where}: image is not pinned")
            runs_once = service.get("restart") == "on-failure"
            expect("healthcheck" in service or runs_once, f"{where}: no health check")
        for other in service.get("depends_on", {}):
            expect(other in services, f"{where}: depends on {other}, which is not there")
        for secret in service.get("secrets", []):
            expect(secret in compose["secrets"], f"{where}: no secret {secret}")
        for variable, value in service.get("environment", {}).items():
            check_setting(variable, where)
            looks_secret = re.search(r"PASSWORD|SECRET|_KEY|(DATABASE|AMQP)_URL", variable) and not variable.endswith("_FILE")
            expect(not looks_secret, f"{where}: {variable} is a secret in plain text")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                expect((ROOT / source).exists(), f"{where}: {source} is not there")
            else:
                expect(source in compose["volumes"], f"{where}: no volume {source}")
        for port in service.get("ports", []):
            expect(str(port).startswith("127.0.0.1:"), f"{where}: port {port} is open to the network")
    made = (ROOT / "deploy/docker/secrets.sh").read_text(encoding="utf-8")
    for secret in compose["secrets"]:
        expect(re.search(rf"^put {secret} ", made, re.M), f"deploy/docker/secrets.sh does not make {secret}")


def check_pod(name, template):
    pod = template["spec"]
    where = f"k8s: {name}"
    expect(pod["securityContext"].get("runAsNonRoot"), f"{where}: may run as root")
    expect(pod["terminationGracePeriodSeconds"] > 25, f"{where}: the grace period is not longer than the drain")
    for container in pod["containers"]:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            expect(probe in container, f"{where}: no {probe}")
        resources = container["resources"]
        expect({"cpu", "memory"} <= resources["requests"].keys() and "memory" in resources["limits"],
               f"{where}: no requests or limits")
        expect(re.search(r":[0-9]", container["image"]), f"{where}: image is not pinned")
        security = container["securityContext"]
        expect(security.get("readOnlyRootFilesystem") and security.get("allowPrivilegeEscalation") is False
               and security["capabilities"]["drop"] == ["ALL"], f"{where}: container is not hardened")
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        expect(mounts == {volume["name"] for volume in pod["volumes"]}, f"{where}: mounts and volumes differ")


def check_kubernetes():
    base = ROOT / "deploy/k8s/base"
    listed = yaml.safe_load((base / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    on_disk = {path.name for path in base.glob("*.yaml")} - {"kustomization.yaml", "scaling.yaml"}
    expect(set(listed) == on_disk, f"k8s: kustomization lists {sorted(listed)}, the folder has {sorted(on_disk)}")
    objects = [item for path in sorted(base.glob("*.yaml")) for item in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    for item in objects:
        expect("apiVersion" in item and "kind" in item, f"k8s: not an object: {str(item)[:60]}")
    by_kind = {}
    for item in objects:
        by_kind.setdefault(item["kind"], {})[item.get("metadata", {}).get("name")] = item
    deployments = by_kind["Deployment"]
    expect(sorted(deployments) == sorted(SERVICES), f"k8s: deployments are {sorted(deployments)}")
    expect(sorted(by_kind["PodDisruptionBudget"]) == sorted(SERVICES), "k8s: a disruption budget is missing")
    for name, deployment in deployments.items():
        spec = deployment["spec"]
        expect(spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items(),
               f"k8s: {name}: selector does not match its pods")
        check_pod(name, spec["template"])
    for setting in by_kind["ConfigMap"]["sanitizer"]["data"]:
        check_setting(setting, "k8s: settings")
    for scaled in by_kind["ScaledObject"].values():
        target = scaled["spec"]["scaleTargetRef"]["name"]
        expect(target in deployments, f"k8s: scaling of {target}, which is not there")


def main():
    for path in sorted((ROOT / "deploy/docker").glob("*.Dockerfile")):
        check_dockerfile(path)
    for name in SERVICES:
        expect((ROOT / f"deploy/docker/{name}.Dockerfile").exists(), f"no Dockerfile for {name}")
    check_compose()
    check_kubernetes()
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
