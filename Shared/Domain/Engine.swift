/// The version of the engine: part of every report, because a new version may clean differently.
public enum Engine {
    public static let version = "0.1.0"
}
