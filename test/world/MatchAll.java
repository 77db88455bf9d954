import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import software.amazon.event.ruler.Machine;

/**
 * Reads {"patterns": [...], "events": [...]} and answers, per pattern, why it is refused, or the numbers of the events
 * that it matches.
 */
public class MatchAll {
  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    JsonNode input = json.readTree(System.in);
    List<String> events = new ArrayList<>();
    for (JsonNode event : input.get("events")) events.add(event.toString());
    ArrayNode answers = json.createArrayNode();
    for (JsonNode pattern : input.get("patterns")) {
      ObjectNode answer = answers.addObject();
      Machine machine = Machine.builder().build();
      try {
        machine.addRule("rule", pattern.toString());
      } catch (Exception refusal) {
        answer.put("refused", refusal.getMessage());
        continue;
      }
      ArrayNode matches = answer.putArray("matches");
      for (int n = 0; n < events.size(); n++) {
        if (!machine.rulesForJSONEvent(events.get(n)).isEmpty()) matches.add(n);
      }
    }
    System.out.println(answers);
  }
}
