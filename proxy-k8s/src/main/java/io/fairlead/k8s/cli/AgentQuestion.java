package io.fairlead.k8s.cli;

import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.admin.AdminClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// What the commands have in common that ask a running agent: where it is.
final class AgentQuestion {

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "The agent's run directory; default: the one of agents of this user.")
    private Path runDir = AgentOptions.DEFAULT.runDir();

    /// A question to the agent.
    interface Question<T> {
        T ask(AdminClient agent) throws IOException, AdminClient.AnswerException;
    }

    /// The agent's answer.
    ///
    /// @throws CommandException when there is none, with what to do about it
    <T> T ask(Question<T> question) throws CommandException {
        AdminClient agent = new AdminClient(runDir);
        try {
            return question.ask(agent);
        } catch (AdminClient.AnswerException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandException(reason(agent.socket(), e), e);
        }
    }

    private static String reason(Path socket, IOException e) {
        Path folder = socket.getParent();
        if (folder != null && Files.exists(folder) && !Files.isReadable(folder)) {
            return socket + " is for the agent's own user and root; ask as one of them";
        }
        if (!Files.exists(socket)) {
            return "no agent runs with "
                    + folder
                    + "; start one with 'fairlead agent', or name its folder with --run-dir";
        }
        return Files.isWritable(socket)
                ? "no agent answers at "
                        + socket
                        + " ("
                        + FailedIo.reason(e)
                        + "); start one with 'fairlead agent', or name its folder with --run-dir"
                : socket + " is for the agent's own user and root; ask as one of them";
    }
}
